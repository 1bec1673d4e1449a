"""What the result codes of a directory mean for a reading (RFC 4511 A.1)."""

from presence.ports import SourceInvalid, SourceUnavailable

SUCCESS = 0
_TRUNCATED = {3: "timeLimitExceeded", 4: "sizeLimitExceeded", 11: "adminLimitExceeded"}
_ELSEWHERE = (9, 10)  # partialResults of LDAPv2, referral
_BUSY = {51: "busy", 52: "unavailable"}
_NOT_THERE = (32, 34)  # noSuchObject, invalidDNSyntax
_CREDENTIALS = {8: "strongerAuthRequired", 48: "inappropriateAuthentication", 49: "invalidCredentials", 53: "unwillingToPerform"}
_LOCKOUT_PAUSE = 900.0  # seconds: a wrong password tried over and over locks the account in many directories


def check_search(code: int) -> None:
    """Raises `SourceUnavailable` for anything but success: the server may have handed over a part already."""
    if code == SUCCESS:
        return
    if code in _TRUNCATED:
        raise SourceInvalid("truncated", f"the server cut the search short: {_TRUNCATED[code]}")
    if code in _ELSEWHERE:
        raise SourceInvalid("referral", "the directory is on another server")
    if code in _NOT_THERE:
        raise SourceInvalid("base", "the base does not exist, or the account may not see it")
    if code in _BUSY:
        raise SourceUnavailable("busy", f"the server is {_BUSY[code]}")
    raise SourceInvalid("refused", f"the server refused the search with result {code}")


def check_bind(code: int) -> None:
    """Raises `SourceUnavailable` for anything but success."""
    if code in _BUSY:
        raise SourceUnavailable("busy", f"the server is {_BUSY[code]}")
    if code != SUCCESS:
        said = _CREDENTIALS.get(code, f"result {code}")
        raise SourceInvalid("credentials", f"the server refused the account: {said}", retry_after=_LOCKOUT_PAUSE)
