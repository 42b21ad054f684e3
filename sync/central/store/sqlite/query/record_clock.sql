SELECT mono_ms, wall_ms, time_quality FROM record WHERE id = ?1
