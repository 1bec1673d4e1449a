"""The kinds of channels that are always there, in the order shown."""

from typing import Any

CHANNEL_KINDS: dict[str, dict[str, Any]] = {
    "telephone": {"live": True, "label": {"sv": "Telefon", "en": "Telephone"}},
    "mobile": {"live": True, "label": {"sv": "Mobil", "en": "Mobile"}},
    "text-telephone": {"live": True, "label": {"sv": "Texttelefon", "en": "Text telephone"}},
    "chat": {"live": True, "label": {"sv": "Chatt", "en": "Chat"}},
    "e-mail": {"live": False, "label": {"sv": "E-post", "en": "E-mail"}},
    "e-service": {"live": False, "label": {"sv": "E-tjänst", "en": "E-service"}},
    "visit": {"live": True, "label": {"sv": "Besök", "en": "Visit"}},
    "post": {"live": False, "label": {"sv": "Post", "en": "Post"}},
    "fax": {"live": False, "label": {"sv": "Fax", "en": "Fax"}},
}
