"""A new model without a pause: trained beside the old one, held to the floors, put in its place, or taken back."""
