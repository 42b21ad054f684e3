UPDATE till SET settled = acknowledged WHERE settled < acknowledged
