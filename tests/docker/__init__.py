"""What `docker/` says, held against linters, against the code, and against real processes: there need be no Docker."""
