# SPDX-License-Identifier: MIT
"""
Keep Outlook on MAPI over HTTP, in every user profile, with the program ``mapihttp``

.. code-block:: yaml

    outlook:
      mapihttp.allowed:
        - users: [all, default]
        - exclude: ['S-1-5-21-*-500']

There is one state function for each desired state. All take ``users``, ``exclude``, and one of ``root``, ``store``
and ``hives``; the ``name`` is only a label. ``changes`` has each profile that changed, its value before and after.
"""

from salt.exceptions import CommandExecutionError

# What Salt hands on of its own, beside what begins with "__".
SALTS_OWN = ("aggregate", "name_order", "provider")


def __virtual__():
    if "mapihttp.apply" in __salt__:
        return True
    return False, "the execution module mapihttp is not there: saltutil.sync_modules brings it"


def _converge(name, state, request):
    fields = {field: given for field, given in request.items() if field not in SALTS_OWN}
    # A run in test mode writes nothing, whatever the state says of itself.
    if __opts__["test"] or fields.get("test") is None:
        fields["test"] = bool(__opts__["test"])
    try:
        return __salt__["mapihttp.apply"](**{**fields, "name": name, "state": state})
    except CommandExecutionError as error:
        return {"name": name, "result": False, "changes": {}, "comment": str(error)}


def enabled(name, **request):
    """
    The value is REG_DWORD 0: Outlook may use MAPI over HTTP
    """
    return _converge(name, "enabled", request)


def disabled(name, **request):
    """
    The value is REG_DWORD 1: Outlook falls back to RPC over HTTP
    """
    return _converge(name, "disabled", request)


def absent(name, **request):
    """
    The value is not there: Outlook may use MAPI over HTTP
    """
    return _converge(name, "absent", request)


def allowed(name, **request):
    """
    The value is not there, or REG_DWORD 0; anything else becomes REG_DWORD 0. Touches the fewest profiles
    """
    return _converge(name, "allowed", request)


def policy(name, **request):
    """
    The value is what the machine's own policy declares
    """
    return _converge(name, "policy", request)
