"""How the API takes and gives values: fields, pages, problems, streams, and the document of it all."""
