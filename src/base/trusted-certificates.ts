import * as tls from 'node:tls';

/*
 * Whom TLS connections trust. Virus scanners and offices that look into connections put a certificate of their own into the
 * store of Windows; browsers take it from there, Node.js does not by itself. Elsewhere the system's file or
 * `NODE_EXTRA_CA_CERTS` is what an administrator sets, and nothing is added.
 */

let system: readonly string[] | null = null;

/** The certificates that Windows trusts, as PEM; none on other systems. Read once, at the first connection. */
export function systemCertificates(platform: NodeJS.Platform): readonly string[] {
  if (platform !== 'win32') return [];
  system ??= tls.getCACertificates('system');
  return system;
}

let isTrusted = false;

/**
 * Lets every connection of this process trust {@link systemCertificates} beside what it trusts already: libraries open some
 * of their own, for credentials. Node.js before 22.19 cannot; there only the connections to stores trust them.
 */
export function trustSystemCertificates(platform: NodeJS.Platform): void {
  const certificates = isTrusted ? [] : systemCertificates(platform);
  if (certificates.length === 0) return;
  isTrusted = true;
  tls.setDefaultCACertificates?.([...new Set([...tls.getCACertificates('default'), ...certificates])]);
}
