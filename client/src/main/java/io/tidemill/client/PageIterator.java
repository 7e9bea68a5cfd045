package io.tidemill.client;

import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.function.Function;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** Walks a listing page by page, asking for the next page only when the one before is used up. */
final class PageIterator<T> implements Iterator<T> {
  /** One page and the token of the next; an empty token: there is none. */
  record Page<T>(List<T> items, String nextToken) {}

  private final Function<String, Page<T>> fetch;
  private Iterator<T> items = List.<T>of().iterator();
  private String token = "";
  private boolean last;

  private PageIterator(Function<String, Page<T>> fetch) {
    this.fetch = fetch;
  }

  static <T> Stream<T> stream(Function<String, Page<T>> fetch) {
    Iterator<T> iterator = new PageIterator<>(fetch);
    return StreamSupport.stream(
        Spliterators.spliteratorUnknownSize(iterator, Spliterator.ORDERED), false);
  }

  @Override
  public boolean hasNext() {
    while (!items.hasNext() && !last) {
      Page<T> page = fetch.apply(token);
      items = page.items().iterator();
      token = page.nextToken();
      last = token.isEmpty();
    }
    return items.hasNext();
  }

  @Override
  public T next() {
    if (!hasNext()) {
      throw new NoSuchElementException("the listing is at its end");
    }
    return items.next();
  }
}
