/** Names by which Windows and those who use it know the program. */

export const productName = 'eFaktur Cloud';

/** The folder of the program below `%LOCALAPPDATA%\Programs`, and its key among the installed programs of the registry. */
export const productFolder = 'eFakturCloud';

/**
 * The task of the Task Scheduler that backs up, and the shortcut in the Startup folder in its place; the uninstaller takes both
 * away.
 */
export const scheduledTask = 'eFaktur Cloud';
