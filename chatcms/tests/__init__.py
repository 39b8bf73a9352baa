"""Guards over the whole product, whole journeys, and what all tests lean on."""
