import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { leaksIn, unwordedIn } from './leaks.ts';
import { isS3ServiceAtHand, startS3Service } from './minio-server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Answers with the S3 service's address and keys as JSON; the first who asks starts it. */
    s3Broker: string;
    /** Where all command lines note what they print. */
    printedFolder: string;
  }
}

/**
 * Starts the S3 service when the first test file asks for it, once for all of them (before all tests where it must be
 * built first), and stops it at the end. Then the run
 * fails if any command line printed a secret.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  // The minutes of a first build must not be counted as those of the test that happens to ask.
  let starting = isS3ServiceAtHand() ? null : startS3Service();
  await starting?.catch(() => {});
  const broker = createServer(async (_, response) => {
    try {
      starting ??= startS3Service();
      const { service } = await starting;
      response.end(JSON.stringify(service));
    } catch (error) {
      response.writeHead(500).end(error instanceof Error ? error.message : String(error));
    }
  });
  broker.requestTimeout = 0;
  await new Promise<void>((resolve) => broker.listen(0, '127.0.0.1', resolve));
  const address = broker.address();
  if (typeof address !== 'object' || address === null) throw new Error('the broker has no address');
  const printed = await mkdtemp(join(tmpdir(), 'efaktur-printed-'));
  project.provide('printedFolder', printed);
  project.provide('s3Broker', `http://127.0.0.1:${address.port}`);
  return async () => {
    broker.closeAllConnections();
    broker.close();
    await starting?.then(
      ({ stop }) => stop(),
      () => {}, // The tests that asked have failed with the reason.
    );
    const leaks = leaksIn(printed);
    const unworded = unwordedIn(printed);
    await rm(printed, { recursive: true, force: true });
    if (leaks.length > 0) throw new Error(`secrets were printed by: ${leaks.join('; ')}`);
    if (unworded.length > 0) throw new Error(`[object Object] was printed by: ${unworded.join('; ')}`);
  };
}
