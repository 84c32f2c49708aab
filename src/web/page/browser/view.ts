/** A part of the page that is shown for an address, and kept up to date. */
export interface View {
  /** What the tab and the first heading say. */
  title: string;
  element: HTMLElement;
  /** Called after each change of the model. */
  update(): void;
  /** Called each second: times go on. */
  tick(now: number): void;
  leave(): void;
}
