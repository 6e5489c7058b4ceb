"""What people see: dataclasses become letters, digests, charts and workbooks. Decides nothing about figures, opens no connection.

letters   reply, decision            outgoing  reply_mail, thread_mail, announcement
digest    digest_letter              workbook  digest_workbook       templates  Templates, shipped
"""
