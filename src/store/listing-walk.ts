import { EfakturError, isEfakturError } from '../base/errors.ts';
import { byUtf8 } from '../base/file-set.ts';
import type { ListPage, StoredObject } from './store.ts';
import { AnswersSoAlways } from './store-errors.ts';
import { inStore, moreNotShown, noHalfListing, objectsNotListed } from './texts.ts';

/**
 * From page to page of a listing, whatever the service makes of its own markers. No page is taken that does not go on from
 * the one before: a listing ends when the service says so, or with an error.
 */

/** Where a listing has got to. */
export interface ListingPlace {
  /** The last key seen, and the one before it. */
  readonly last: string | null;
  readonly beforeLast: string | null;
}

/** One page of an answer; the objects in any order. */
export interface AnsweredPage<M> extends ListPage {
  readonly isMore: boolean;
  /** What to go on from; null where the service does not say it. */
  readonly next: M | null;
}

/** A way to ask for the next page. */
export interface ListingWay<M> {
  /** By the last key seen alone; what the service says to go on from is of no interest. */
  readonly isByKey: boolean;
  ask(place: ListingPlace, marker: M | null): Promise<AnsweredPage<M>>;
}

/** Services may skip what they may not show, but not for ever. */
const maxEmptyPages = 100;

/**
 * The pages in order, each object once. A way that gives no marker, or does not get on, is left for the next one; after the
 * last of them come the pages of `otherwise`, or `store-unavailable`.
 */
export async function* walkPages<M>(
  url: string,
  ways: readonly ListingWay<M>[],
  otherwise?: (place: ListingPlace) => AsyncGenerator<ListPage>,
): AsyncGenerator<ListPage> {
  const place = openPlace();
  for (const [i, way] of ways.entries()) {
    const isAnother = i + 1 < ways.length || otherwise !== undefined;
    let marker: M | null = null;
    let emptyPages = 0;
    for (let movesOn = true; movesOn; ) {
      const page: AnsweredPage<M> | null = await ask(way, place, marker, isAnother);
      const fresh = page && place.take(page.objects, page.isMore);
      if (!page || !fresh) break;
      yield { objects: fresh, serverTime: page.serverTime };
      if (!page.isMore) return;
      emptyPages = page.objects.length === 0 ? emptyPages + 1 : 0;
      const isOtherMarker = page.next !== null && JSON.stringify(page.next) !== JSON.stringify(marker);
      movesOn = way.isByKey ? emptyPages === 0 : isOtherMarker && emptyPages < maxEmptyPages;
      marker = page.next;
    }
  }
  if (!otherwise) throw standsStill(url);
  yield* otherwise(place);
}

/** Null when the service refuses to go on in this way, and there is another one. */
async function ask<M>(
  way: ListingWay<M>,
  place: ListingPlace,
  marker: M | null,
  isAnother: boolean,
): Promise<AnsweredPage<M> | null> {
  try {
    return await way.ask(place, marker);
  } catch (error) {
    if (place.last !== null && isAnother && isEfakturError(error, 'usage')) return null;
    throw error;
  }
}

function openPlace() {
  let last: string | null = null;
  let beforeLast: string | null = null;
  /** Of the page before, and of the last key: what a service may show once more. */
  let shown = new Set<string>();
  const nameOf = ({ key, versionId }: StoredObject): string => `${key}\n${versionId}`;
  return {
    get last() {
      return last;
    },
    get beforeLast() {
      return beforeLast;
    },
    /** What is new on a page; null when it does not go on from what was seen. */
    take(objects: readonly StoredObject[], isMore: boolean): StoredObject[] | null {
      const fresh = objects.filter((object) => !shown.has(nameOf(object)));
      if (fresh.some(({ key }) => last !== null && byUtf8(key, last) < 0)) return null;
      // A marker's own object may come again, a whole page may not.
      const isRepeated = fresh.length === 0 && objects.length > 0;
      if (isRepeated && (isMore || objects.some(({ key }) => key !== last))) return null;
      if (objects.length === 0) return fresh;
      const ofLast = [...shown].filter((name) => name.startsWith(`${last}\n`));
      for (const { key } of fresh) {
        if (key === last) continue;
        beforeLast = last;
        last = key;
      }
      shown = new Set([...objects.map(nameOf), ...ofLast]);
      return fresh;
    },
  };
}

const standsStill = (url: string): EfakturError =>
  new EfakturError(
    'store-unavailable',
    { what: inStore(url, objectsNotListed), because: moreNotShown },
    noHalfListing,
    new AnswersSoAlways(),
  );
