"""Letters on their way: by mail or through GOV.UK Notify, at most once each; and samples of every kind."""
