// Pages without a circuit work without this; it only makes them nicer.
