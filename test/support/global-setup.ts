import { createServer } from 'node:http';
import type { TestProject } from 'vitest/node';
import { type S3Service, startS3Service } from './minio-server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Answers with the {@link S3Service} as JSON; the first who asks starts it. */
    s3Broker: string;
  }
}

/** Starts the S3 service when the first test file asks for it, once for all of them, and stops it at the end. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  let starting: Promise<{ service: S3Service; stop: () => Promise<void> }> | null = null;
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
  project.provide('s3Broker', `http://127.0.0.1:${address.port}`);
  return async () => {
    broker.closeAllConnections();
    broker.close();
    await starting?.then(
      ({ stop }) => stop(),
      () => {}, // The tests that asked have failed with the reason.
    );
  };
}
