"""OAuth2 at Google: the stored authorisation, access tokens made from it, and how a person gives it. Asks for the scope of mail alone."""

from mailbox_ingest.oauth.access import AccessTokens
from mailbox_ingest.oauth.consent import Consent
from mailbox_ingest.oauth.token_file import Authorisation, load_authorisation, token_path

__all__ = ["AccessTokens", "Authorisation", "Consent", "load_authorisation", "token_path"]
