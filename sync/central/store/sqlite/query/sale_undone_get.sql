SELECT points, rights FROM sale_undone WHERE sale = ?1
