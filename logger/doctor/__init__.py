"""What `proofsheet doctor` does: it says what is damaged in run folders and what that costs, repairs and prunes.

Nothing that was logged is deleted but images on request: damaged files are set aside under another name.
"""
