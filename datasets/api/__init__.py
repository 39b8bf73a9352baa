"""The API's face of datasets and documents."""
