"""What a programme asks for: small frozen declarations, and no algorithm."""
