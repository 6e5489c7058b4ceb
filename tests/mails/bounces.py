"""What servers write when they cannot deliver a reminder of ours, and what it says of the address."""

from __future__ import annotations

from dataclasses import dataclass

from mailbox_ingest.model import ContactState
from mails.making import CLERK, OUR_ID, OURS, Made, made

DEAD, FULL, UNKNOWN = ContactState.DEAD, ContactState.MAILBOX_FULL, ContactState.UNKNOWN


@dataclass(frozen=True, slots=True)
class Bounce:
    """`state` is what is known of the clerk's address afterwards; None where the bounce changes nothing."""

    mail: Made
    state: ContactState | None
    status: str | None
    action: str = "failed"


_RETURNED = f"""\
Message-ID: {OUR_ID}
From: LĐLĐ tỉnh Quảng Trị <{OURS}>
To: {CLERK}
Subject: Nhac bao cao Bluezone tuan 35
Date: Thu, 27 Aug 2020 09:00:00 +0700
Auto-Submitted: auto-generated
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8

Tổng số đoàn viên, người lao động: 1.950
"""


def _report(  # the shape of RFC 3464, as most servers of today write it
    name: str,
    *,
    sender: str,
    subject: str,
    words: str,
    fields: str,
    state: ContactState | None,
    status: str | None,
    action: str = "failed",
    headers: str = "",
    returned: str = "message/rfc822",
    extra: str = "",
) -> Bounce:
    text = "\n".join(
        (
            "Return-Path: <>",
            f"From: {sender}",
            f"To: {OURS}",
            f"Subject: {subject}",
            "Date: Thu, 27 Aug 2020 09:01:00 +0700",
            *([headers] if headers else []),
            "MIME-Version: 1.0",
            'Content-Type: multipart/report; report-type=delivery-status; boundary="=_b1"',
            "",
            "--=_b1",
            "Content-Type: text/plain; charset=utf-8",
            "",
            words,
            "",
            *((extra, "") if extra else ()),
            "--=_b1",
            "Content-Type: message/delivery-status",
            "",
            fields,
            "",
            "--=_b1",
            f"Content-Type: {returned}",
            "",
            _RETURNED,
            "--=_b1--",
            "",
        )
    )
    return Bounce(made(name, "bounce", text), state, status, action)


def _plain(
    name: str,
    *,
    sender: str,
    subject: str,
    words: str,
    state: ContactState | None,
    status: str | None,
    headers: str = "",
    action: str = "failed",
    charset: str = "utf-8",
) -> Bounce:
    text = "\n".join(
        (
            "Return-Path: <>",
            f"From: {sender}",
            f"To: {OURS}",
            f"Subject: {subject}",
            *([headers] if headers else []),
            "MIME-Version: 1.0",
            f"Content-Type: text/plain; charset={charset}",
            "",
            words,
        )
    )
    return Bounce(made(name, "bounce", text), state, status, action)


BOUNCES = (
    _report(
        "gmail-no-such-user",
        sender='"Mail Delivery Subsystem" <mailer-daemon@googlemail.example>',
        subject="Delivery Status Notification (Failure)",
        headers=f"X-Failed-Recipients: {CLERK}\nAuto-Submitted: auto-replied\nIn-Reply-To: {OUR_ID}\nReferences: {OUR_ID}",
        words=f"** Không tìm thấy địa chỉ **\n\nThư của bạn không gửi được đến {CLERK} vì không tìm thấy địa chỉ.",
        fields=(
            "Reporting-MTA: dns; googlemail.com\nArrival-Date: Wed, 26 Aug 2020 19:00:00 -0700 (PDT)\n"
            f"X-Original-Message-ID: {OUR_ID}\n\nFinal-Recipient: rfc822; {CLERK}\nAction: failed\nStatus: 5.1.1\n"
            "Remote-MTA: dns; gmail-smtp-in.l.google.com. (74.125.24.26, the server for the domain gmail.example.)\n"
            "Diagnostic-Code: smtp; 550-5.1.1 The email account that you tried to reach does not exist."
        ),
        state=DEAD,
        status="5.1.1",
    ),
    _report(
        "gmail-delayed",
        sender='"Mail Delivery Subsystem" <mailer-daemon@googlemail.example>',
        subject="Delivery Status Notification (Delay)",
        headers=f"Auto-Submitted: auto-replied\nIn-Reply-To: {OUR_ID}",
        words=f"** Delivery incomplete **\n\nThere was a temporary problem delivering your message to {CLERK}. Gmail will retry for 46 more hours.",
        fields=(
            f"Reporting-MTA: dns; googlemail.com\n\nFinal-Recipient: rfc822; {CLERK}\nAction: delayed\nStatus: 4.4.1\n"
            "Diagnostic-Code: smtp; The recipient server did not accept our requests to connect. Connection timed out.\n"
            "Will-Retry-Until: Sat, 29 Aug 2020 19:00:00 -0700 (PDT)"
        ),
        state=None,
        status="4.4.1",
        action="delayed",
    ),
    _report(
        "gmail-out-of-storage",
        sender='"Mail Delivery Subsystem" <mailer-daemon@googlemail.example>',
        subject="Delivery Status Notification (Failure)",
        words="** Message blocked **\n\nThe email account that you tried to reach is over quota.",
        fields=(
            f"Reporting-MTA: dns; googlemail.com\n\nFinal-Recipient: rfc822; {CLERK}\nAction: failed\nStatus: 4.2.2\n"
            "Diagnostic-Code: smtp; 452-4.2.2 The recipient's inbox is out of storage space."
        ),
        state=FULL,
        status="4.2.2",
    ),
    _report(
        "gmail-account-disabled",
        sender='"Mail Delivery Subsystem" <mailer-daemon@googlemail.example>',
        subject="Delivery Status Notification (Failure)",
        words="** Address not found **",
        fields=(
            f"Reporting-MTA: dns; googlemail.com\n\nFinal-Recipient: rfc822; {CLERK}\nAction: failed\nStatus: 5.2.1\n"
            "Diagnostic-Code: smtp; 550-5.2.1 The email account that you tried to reach is inactive."
        ),
        state=DEAD,
        status="5.2.1",
    ),
    _report(
        "exchange-online-recipient-not-found",
        sender="Microsoft Outlook <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@congdoan.example>",
        subject="Undeliverable: Nhac bao cao Bluezone tuan 35",
        headers=f"Auto-Submitted: auto-replied\nX-MS-Exchange-Message-Is-Ndr:\nIn-Reply-To: {OUR_ID}\nX-Auto-Response-Suppress: All",
        words=f"Your message to {CLERK} couldn't be delivered.\n\ncamlo wasn't found at gmail.example.",
        extra=(
            "--=_b1\nContent-Type: text/html; charset=utf-8\n\n"
            f"<html><body><p>Your message to <b>{CLERK}</b> couldn't be delivered.</p></body></html>"
        ),
        fields=(
            "Reporting-MTA: dns;SG2PR03MB1234.apcprd03.prod.outlook.com\nReceived-From-MTA: dns;mail.congdoan-qt.example\n"
            f"Arrival-Date: Thu, 27 Aug 2020 02:00:05 +0000\n\nFinal-Recipient: rfc822;{CLERK}\nAction: failed\nStatus: 5.1.10\n"
            "Diagnostic-Code: smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient camlo@gmail.example not found by SMTP address lookup"
        ),
        state=DEAD,
        status="5.1.10",
    ),
    _report(
        "exchange-online-edge-blocking",
        sender="postmaster@congdoan.example",
        subject="Undeliverable: Nhac bao cao Bluezone tuan 35",
        words="Delivery has failed to these recipients or groups.",
        fields=(
            f"Reporting-MTA: dns;HK0PR01.outbound.protection.outlook.com\n\nOriginal-Recipient: rfc822;{CLERK}\nFinal-Recipient: rfc822;{CLERK}\n"
            "Action: failed\nStatus: 5.4.1\nDiagnostic-Code: smtp;550 5.4.1 Recipient address rejected: Access denied. AS(201806281)"
        ),
        state=DEAD,
        status="5.4.1",
    ),
    _report(
        "exchange-2010-unresolvable",
        sender="Microsoft Exchange <postmaster@qt.example>",
        subject="Không gửi được: Nhac bao cao Bluezone tuan 35",
        words="Không gửi được đến những người nhận hoặc danh sách phân phối này",
        fields=(
            f"Reporting-MTA: dns;mail.qt.example\n\nFinal-recipient: RFC822;{CLERK.upper()}\nAction: failed\nStatus: 5.1.1\n"
            "Diagnostic-Code: smtp;550 5.1.1 RESOLVER.ADR.RecipNotFound; not found"
        ),
        state=DEAD,
        status="5.1.1",
    ),
    _report(
        "exchange-expired",
        sender="Microsoft Outlook <postmaster@congdoan.example>",
        subject="Undeliverable: Nhac bao cao Bluezone tuan 35",
        words="Your message couldn't be delivered. Despite repeated attempts, the recipient's email system refused to accept a connection.",
        fields=(
            f"Reporting-MTA: dns;SG2PR03MB1234.apcprd03.prod.outlook.com\n\nFinal-Recipient: rfc822;{CLERK}\nAction: failed\nStatus: 4.4.7\n"
            "Diagnostic-Code: smtp;550 4.4.7 QUEUE.Expired; message expired"
        ),
        state=UNKNOWN,
        status="4.4.7",
    ),
    _report(
        "exchange-refused-by-policy",
        sender="postmaster@qt.example",
        subject="Undeliverable: Nhac bao cao Bluezone tuan 35",
        words="Your message wasn't delivered because of security policies.",
        fields=(
            f"Reporting-MTA: dns;mail.qt.example\n\nFinal-Recipient: rfc822;{CLERK}\nAction: failed\nStatus: 5.7.1\n"
            "Diagnostic-Code: smtp;550 5.7.1 User unknown in policy table; message refused by content policy"
        ),
        state=UNKNOWN,
        status="5.7.1",
    ),
    _report(
        "postfix-user-unknown",
        sender="MAILER-DAEMON@mail.congdoan-qt.example (Mail Delivery System)",
        subject="Undelivered Mail Returned to Sender",
        headers="Auto-Submitted: auto-replied",
        words=(
            "This is the mail system at host mail.congdoan-qt.example.\n\nI'm sorry to have to inform you that your message could not\n"
            f"be delivered to one or more recipients.\n\n<{CLERK}>: host mx.gmail.example[203.0.113.7] said:\n"
            "    550 5.1.1 <camlo@gmail.example>: Recipient address rejected: User unknown in virtual mailbox table (in reply to RCPT TO command)"
        ),
        fields=(
            "Reporting-MTA: dns; mail.congdoan-qt.example\nX-Postfix-Queue-ID: 4BcXyZ1abc\nX-Postfix-Sender: rfc822; baocao@congdoan-qt.example\n"
            f"Arrival-Date: Thu, 27 Aug 2020 09:00:01 +0700 (+07)\n\nFinal-Recipient: rfc822; {CLERK}\nOriginal-Recipient: rfc822;{CLERK}\n"
            "Action: failed\nStatus: 5.1.1\nRemote-MTA: dns; mx.gmail.example\n"
            "Diagnostic-Code: smtp; 550 5.1.1 <camlo@gmail.example>: Recipient address\n    rejected: User unknown in virtual mailbox table"
        ),
        returned="text/rfc822-headers",
        state=DEAD,
        status="5.1.1",
    ),
    _report(
        "postfix-delayed",
        sender="MAILER-DAEMON@mail.congdoan-qt.example (Mail Delivery System)",
        subject="Delayed Mail (still being retried)",
        words="THIS IS A WARNING ONLY.  YOU DO NOT NEED TO RESEND YOUR MESSAGE.",
        fields=(
            f"Reporting-MTA: dns; mail.congdoan-qt.example\n\nFinal-Recipient: rfc822; {CLERK}\nAction: delayed\nStatus: 4.1.1\n"
            "Diagnostic-Code: smtp; 450 4.1.1 <camlo@gmail.example>: Recipient address rejected: unverified address\n"
            "Will-Retry-Until: Tue, 01 Sep 2020 09:00:01 +0700 (+07)"
        ),
        state=None,
        status="4.1.1",
        action="delayed",
    ),
    _report(
        "postfix-host-not-found",
        sender="MAILER-DAEMON@mail.congdoan-qt.example (Mail Delivery System)",
        subject="Undelivered Mail Returned to Sender",
        words=f"<{CLERK}>: Host or domain name not found. Name service error for name=gmail.example type=AAAA: Host not found",
        fields=(
            f"Reporting-MTA: dns; mail.congdoan-qt.example\n\nFinal-Recipient: rfc822; {CLERK}\nAction: failed\nStatus: 5.4.4\n"
            "Diagnostic-Code: X-Postfix; Host or domain name not found. Name service error for\n    name=gmail.example type=AAAA: Host not found"
        ),
        state=DEAD,
        status="5.4.4",
    ),
    _report(
        "postfix-general-status-sharper-diagnostic",
        sender="MAILER-DAEMON@relay.example (Mail Delivery System)",
        subject="Undelivered Mail Returned to Sender",
        words="could not be delivered",
        fields=(
            f"Reporting-MTA: dns; relay.example\n\nFinal-Recipient: rfc822; {CLERK}\nAction: failed\nStatus: 5.0.0\n"
            "Diagnostic-Code: smtp; 552 5.2.2 user over quota"
        ),
        state=FULL,
        status="5.2.2",
    ),
    _report(
        "sendmail-user-unknown",
        sender="Mail Delivery Subsystem <MAILER-DAEMON@relay.example>",
        subject="Returned mail: see transcript for details",
        headers="Auto-Submitted: auto-generated (failure)",
        words=(
            f"   ----- The following addresses had permanent fatal errors -----\n<{CLERK}>\n    (reason: 550 5.1.1 <{CLERK}>... User unknown)\n\n"
            "   ----- Transcript of session follows -----\n... while talking to mx.gmail.example.:\n>>> DATA\n<<< 550 5.1.1 ... User unknown"
        ),
        fields=(
            f"Reporting-MTA: dns; relay.example\nReceived-From-MTA: DNS; mail.qt.example\n\nFinal-Recipient: RFC822; {CLERK}\nAction: failed\n"
            "Status: 5.1.1\nRemote-MTA: DNS; mx.gmail.example\nDiagnostic-Code: SMTP; 550 5.1.1 <camlo@gmail.example>... User unknown"
        ),
        state=DEAD,
        status="5.1.1",
    ),
    _report(
        "sendmail-warning",
        sender="Mail Delivery Subsystem <MAILER-DAEMON@relay.example>",
        subject="Warning: could not send message for past 4 hours",
        headers="Auto-Submitted: auto-generated (warning-timeout)",
        words="    **********************************************\n    **      THIS IS A WARNING MESSAGE ONLY      **",
        fields=(
            f"Reporting-MTA: dns; relay.example\n\nFinal-Recipient: RFC822; {CLERK}\nAction: delayed\nStatus: 4.2.0 (mailbox busy)\n"
            "Will-Retry-Until: Tue, 1 Sep 2020 09:00:00 +0700"
        ),
        state=None,
        status="4.2.0",
        action="delayed",
    ),
    _report(
        "zimbra-over-quota",
        sender="MAILER-DAEMON@zimbra.qt.example (Mail Delivery System)",
        subject="Undelivered Mail Returned to Sender",
        words="host zimbra.qt.example[10.5.2.2] said: 452 4.2.2 Over quota",
        fields=(
            f"Reporting-MTA: dns; zimbra.qt.example\n\nFinal-Recipient: rfc822; {CLERK}\nAction: failed\nStatus: 5.2.2\n"
            "Diagnostic-Code: x-unix; 552 5.2.2 Over quota"
        ),
        state=FULL,
        status="5.2.2",
    ),
    _report(
        "domino-not-listed",
        sender="Mail Router <MAILER-DAEMON@notes.example>",
        subject="DELIVERY FAILURE: User camlo (camlo@gmail.example) not listed in Domino Directory",
        words="Your message\n\n  Subject: Nhac bao cao Bluezone tuan 35\n\nwas not delivered to:\n\n  camlo@gmail.example\n\nbecause:\n\n  not listed",
        fields=(
            f"Reporting-MTA: dns;notes.example\n\nFinal-Recipient: rfc822;{CLERK}\nAction: failed\nStatus: 5.0.0\n"
            "Diagnostic-Code: X-Notes; User camlo (camlo@gmail.example) not listed in Domino Directory"
        ),
        state=DEAD,
        status="5.0.0",
    ),
    _report(
        "courier-user-unknown",
        sender='"Courier mail server at mail.example" <postmaster@mail.example>',
        subject="NOTICE: mail delivery status.",
        words="This is a delivery status notification from mail.example, running the Courier mail server.",
        fields=(
            f"Reporting-MTA: dns; mail.example\n\nFinal-Recipient: rfc822; {CLERK}\nAction: failed\nStatus: 5.0.0\n"
            "Diagnostic-Code: smtp; 550 User unknown."
        ),
        state=DEAD,
        status="5.0.0",
    ),
    _report(
        "outlook-com-mailbox-unavailable",
        sender="postmaster@outlook.example",
        subject="Undeliverable: Nhac bao cao Bluezone tuan 35",
        words="The following message could not be delivered.",
        fields=(
            f"Reporting-MTA: dns;HE1EUR01.mail.protection.outlook.com\n\nFinal-Recipient: rfc822;{CLERK}\nAction: failed\nStatus: 5.5.0\n"
            "Diagnostic-Code: smtp;550 5.5.0 Requested action not taken: mailbox unavailable (S2017062302)."
        ),
        state=DEAD,
        status="5.5.0",
    ),
    _report(
        "orange-fr",
        sender="Mail Delivery System <mailer-daemon@wanadoo.example>",
        subject="Message non remis",
        words="Votre message n'a pas pu être remis : l'adresse du destinataire n'existe pas.",
        fields=(
            f"Reporting-MTA: dns; smtp.wanadoo.example\n\nFinal-Recipient: rfc822; {CLERK}\nAction: failed\nStatus: 5.1.1\n"
            "Diagnostic-Code: smtp; 550 5.1.1 Adresse d au moins un destinataire invalide. OFR_416"
        ),
        state=DEAD,
        status="5.1.1",
    ),
    _report(
        "netease-zh",
        sender="Postmaster@163.example",
        subject="=?utf-8?B?57O757uf6YCA5L+hL1N5c3RlbXMgYm91bmNl?=",
        words="抱歉，您的邮件被退回来了。\n收件人地址不存在。",
        fields=(
            f"Reporting-MTA: dns; m12-11.163.example\n\nFinal-Recipient: rfc822; {CLERK}\nAction: failed\nStatus: 5.1.1\n"
            "Diagnostic-Code: smtp; 550 User not found: camlo@gmail.example"
        ),
        state=DEAD,
        status="5.1.1",
    ),
    _plain(
        "exim-unrouteable",
        sender="Mail Delivery System <Mailer-Daemon@exim.example>",
        subject="Mail delivery failed: returning message to sender",
        headers=f"X-Failed-Recipients: {CLERK}\nAuto-Submitted: auto-replied",
        words=(
            "This message was created automatically by mail delivery software.\n\nA message that you sent could not be delivered to one or more of its\n"
            f"recipients. This is a permanent error. The following address(es) failed:\n\n  {CLERK}\n"
            "    host mx.gmail.example [5.1.1.9]\n    SMTP error from remote mail server after RCPT TO:<camlo@gmail.example>:\n"
            "    550 No such user here\n\n------ This is a copy of the message, including all the headers. ------\n\n"
            f"Return-path: <{OURS}>\n{_RETURNED}"
        ),
        state=DEAD,
        status=None,
    ),
    _plain(
        "exim-warning",
        sender="Mail Delivery System <Mailer-Daemon@exim.example>",
        subject="Warning: message 1kBabc-0001 delayed 24 hours",
        headers="Auto-Submitted: auto-replied",
        words=(
            "A message that you sent has not yet been delivered to one or more of its\nrecipients after more than 24 hours on the queue.\n\n"
            f"The message identifier is:     1kBabc-0001\n\nThe address to which the message has not yet been delivered is:\n\n  {CLERK}\n"
            "    Delay reason: Connection timed out\n\nNo action is required on your part."
        ),
        state=None,
        status=None,
        action="delayed",
    ),
    _plain(
        "qmail",
        sender="MAILER-DAEMON@qmail.example",
        subject="failure notice",
        words=(
            "Hi. This is the qmail-send program at qmail.example.\nI'm afraid I wasn't able to deliver your message to the following addresses.\n"
            f"This is a permanent error; I've given up. Sorry it didn't work out.\n\n<{CLERK}>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n"
            f"--- Below this line is a copy of the message.\n\nReturn-Path: <{OURS}>\n{_RETURNED}"
        ),
        state=DEAD,
        status="5.1.1",
    ),
    _plain(
        "yahoo-old",
        sender="MAILER-DAEMON@yahoo.example",
        subject="Failure Notice",
        words=(
            "Sorry, we were unable to deliver your message to the following address.\n\n"
            f"<{CLERK}>:\nRemote  host said: 554 delivery error: dd This user doesn't have a yahoo.example account (camlo@gmail.example) [0]\n"
            f" - mta1234.mail.yahoo.example\n\n--- Below this line is a copy of the message.\n\n{_RETURNED}"
        ),
        state=DEAD,
        status=None,
    ),
    _plain(
        "gmail-old",
        sender="Mail Delivery Subsystem <mailer-daemon@googlemail.example>",
        subject="Delivery Status Notification (Failure)",
        headers=f"X-Failed-Recipients: {CLERK}\nAuto-Submitted: auto-replied",
        words=(
            f"Delivery to the following recipient failed permanently:\n\n     {CLERK}\n\nTechnical details of permanent failure:\n"
            "Google tried to deliver your message, but it was rejected by the recipient domain. The error that the other server returned was:\n"
            "550 550 5.2.2 <camlo@gmail.example>: mailbox is full (state 14).\n\n----- Original message -----\n\n"
            f"{_RETURNED}"
        ),
        state=FULL,
        status="5.2.2",
    ),
    _plain(
        "mdaemon",
        sender="MDaemon at mail.example <MAILER-DAEMON@mail.example>",
        subject="Permanent Delivery Failure",
        headers=f"In-Reply-To: {OUR_ID}",
        words=(
            "The attached message had PERMANENT fatal delivery errors.\n\nAfter one or more unsuccessful delivery attempts the attached message has\n"
            f"been removed from the mail queue on this server.\n\nFailed address: {CLERK}\n\n--- Session Transcript ---\n"
            "Thu 2020-08-27 09:00:03: --> RCPT To:<camlo@gmail.example>\nThu 2020-08-27 09:00:03: <-- 550 5.1.1 Recipient unknown\n"
        ),
        state=DEAD,
        status="5.1.1",
    ),
    _plain(
        "hmailserver",
        sender="mailer-daemon@hmail.example",
        subject="Message undeliverable: Nhac bao cao Bluezone tuan 35",
        words=(
            "Your message did not reach some or all of the intended recipients.\n\n   Sent: Thu, 27 Aug 2020 09:00:00 +0700\n"
            f"   Subject: Nhac bao cao Bluezone tuan 35\n\nThe following recipient(s) could not be reached:\n\n{CLERK}\n   Error Type: SMTP\n"
            "   Remote server replied: 550 Unknown user\n\n\nhMailServer\n\n---- Original message ----\n"
            f"{_RETURNED}"
        ),
        state=DEAD,
        status=None,
    ),
    _plain(
        "qq-zh",
        sender="PostMaster <PostMaster@qq.example>",
        subject="=?utf-8?B?6YCA5L+h?=",
        headers=f"In-Reply-To: {OUR_ID}",
        words=f"很抱歉您发送的邮件被退回。\n收件人：{CLERK}\n退信原因：550 Mailbox not found 收件人邮件地址不存在\n",
        state=DEAD,
        status=None,
    ),
    _plain(
        "vietnamese-server",
        sender="Hệ thống thư <mailer-daemon@vnn.example>",
        subject="=?utf-8?B?VGjGsCBraMO0bmcgZ+G7rWkgxJHGsOG7o2M=?=",
        headers=f"References: <cu@x.example> {OUR_ID}",
        words="Thư của quý khách không gửi được.\nLý do: hộp thư của người nhận đã đầy.\n",
        state=FULL,
        status=None,
    ),
    _plain(
        "groupwise-without-a-reason",
        sender="GroupWise <Mailer-Daemon@gw.example>",
        subject="Message status - undeliverable",
        headers=f"In-Reply-To: {OUR_ID}",
        words=f"The message that you sent was undeliverable to the following:\n\n\t{CLERK}\n",
        state=UNKNOWN,
        status=None,
    ),
)
