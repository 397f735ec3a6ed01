"""Reading real mail: MIME, HTML, quotes and signatures, as every mail connector needs it."""
