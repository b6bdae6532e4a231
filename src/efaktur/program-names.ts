/** A program of e-Faktur by its file or process name. */
export const isEFakturProgram = (name: string): boolean => /^ETaxInvoice(Main|Upd)?(\.exe)?$/i.test(name);

/** The program that rewrites databases. */
export const isUpdater = (name: string): boolean => /^ETaxInvoiceUpd/i.test(name);
