"""Calendar text: content lines, occurrences of events, time zones."""
