"""Servers that speak the APIs of providers of SMS, for tests: `python -m tests.services.sms twilio --port N`.

Laws
1. What the provider refuses is refused here, by its own codes; its signatures are checked, and made, independently of
   its library.
2. What was taken is told by `taken`, each message once for each time it was taken, whatever was answered.
3. Nothing leaves this machine.

    twilio   2010-04-01: Accounts, Messages; status callbacks and customers' answers, signed
    aliyun   2017-05-25, signed by ACS3-HMAC-SHA256: SendSms, QuerySendDetails, QuerySmsSignList; SmsReport, SmsUp
    gateway  the generic way of docs/howto/sms.md, as a provider would build it; its notices

    POST /control/faults     [{"status": 429, "times": 3}, …]: befalls the next requests that send (`control`)
    GET  /control/taken      each message
    GET  /control/counts     {"requests", "connections"}
    POST /control/reset      forgets all
    POST /control/receipts   {"url", "status", …}: tells what became of all that was taken; the answers' statuses
    POST /control/answers    {"url", "from", "text"}: a customer answers

Modules: `control` (what they share), `twilio`, `aliyun`, `gateway`, `client` (for tests: starts one, and asks it).
"""
