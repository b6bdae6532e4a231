/** Tells whether two absolute paths name the same file on a platform. */
export const samePathOn = (platform: NodeJS.Platform): ((a: string, b: string) => boolean) =>
  platform === 'win32' ? (a, b) => a.toLowerCase() === b.toLowerCase() : (a, b) => a === b;
