"""Tests of what every entity shares."""
