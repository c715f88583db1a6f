type Call<Item, Result> = {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (reason: unknown) => void;
};

/**
 * Does the same work for many hosts in one go: what is asked for while one go is under way is done together in the
 * next, so that one transaction serves hundreds of hosts when there is much to do, and nobody waits when there is not.
 */
export class Gather<Item, Result> {
  private waiting: Call<Item, Result>[] = [];
  private isBusy = false;

  /**
   * @param work one result for each item, in their order; it either does all or throws
   * @param limit most items of one go
   */
  constructor(
    private readonly work: (items: readonly Item[]) => Promise<readonly Result[]>,
    private readonly limit: number,
  ) {}

  /** @throws what the work throws for this item alone: a go that fails is tried again one by one */
  do(item: Item): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ item, resolve, reject });
      if (!this.isBusy) void this.run();
    });
  }

  private async run(): Promise<void> {
    this.isBusy = true;
    while (this.waiting.length > 0) await this.go(this.waiting.splice(0, this.limit));
    this.isBusy = false;
  }

  private async go(calls: readonly Call<Item, Result>[]): Promise<void> {
    try {
      const results = await this.work(calls.map(({ item }) => item));
      if (results.length !== calls.length) throw new Error(`${results.length} results of ${calls.length}`);
      calls.forEach(({ resolve }, i) => resolve(results[i] as Result));
    } catch (error) {
      if (calls.length === 1) calls[0]?.reject(error);
      else for (const call of calls) await this.go([call]);
    }
  }
}
