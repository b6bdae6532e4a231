import { execFile } from 'node:child_process';
import { rename } from 'node:fs/promises';
import { promisify } from 'node:util';
import { productName } from '../../src/base/product.ts';

/** Who signs: what the environment names. */
export interface Signer {
  readonly certificate: string;
  readonly key: string;
  readonly passwordFile: string | undefined;
  readonly timestampUrl: string | undefined;
}

/** Throws where the environment does not name a certificate and its key. */
export function signerOf(env: NodeJS.ProcessEnv): Signer {
  const { WINDOWS_SIGN_CERT: certificate, WINDOWS_SIGN_KEY: key } = env;
  if (!certificate || !key)
    throw new Error(
      'to sign, set WINDOWS_SIGN_CERT (certificate and its chain, PEM) and WINDOWS_SIGN_KEY (PEM); WINDOWS_SIGN_PASSWORD_FILE where the key has a password, WINDOWS_SIGN_TIMESTAMP_URL for a time stamp',
    );
  return {
    certificate,
    key,
    passwordFile: env.WINDOWS_SIGN_PASSWORD_FILE || undefined,
    timestampUrl: env.WINDOWS_SIGN_TIMESTAMP_URL || undefined,
  };
}

/** Signs a program or an installer where it lies, by osslsigncode. */
export async function sign(path: string, signer: Signer): Promise<void> {
  const signed = `${path}.signed`;
  const args = ['sign', '-certs', signer.certificate, '-key', signer.key, '-h', 'sha256', '-n', productName];
  if (signer.passwordFile) args.push('-readpass', signer.passwordFile);
  // Without one a signature ends with its certificate.
  if (signer.timestampUrl) args.push('-ts', signer.timestampUrl);
  await promisify(execFile)('osslsigncode', [...args, '-in', path, '-out', signed], { timeout: 120_000 });
  await rename(signed, path);
}
