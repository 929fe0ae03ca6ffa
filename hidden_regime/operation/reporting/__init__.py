"""What a person is told of a deployment: a day, a month, a tear sheet, and an archive of all of it. From the journal alone."""
