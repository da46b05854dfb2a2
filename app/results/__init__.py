"""What was measured of the models here, beside what the paper prints."""
