"""HTTP: routes, responses, who may ask. Names in a URL reach files through the catalogue only."""
