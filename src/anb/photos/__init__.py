"""Photos of people: two square pictures, made of a file that is never shown to anyone."""
