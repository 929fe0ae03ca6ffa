"""Projects here and in the cloud, kept equal without losing what somebody else changed."""
