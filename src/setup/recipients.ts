/** Public keys as somebody gave them, with blanks between; `usage` where one of them is none. */
export async function checkedRecipients(recipients: string): Promise<string> {
  const { createEncryptor } = await import('../crypto/age.ts');
  const all = recipients.split(/[\s,;]+/).filter((one) => one !== '');
  await createEncryptor(all);
  return all.join(' ');
}
