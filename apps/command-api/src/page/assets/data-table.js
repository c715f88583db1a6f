import { h } from './dom.js';

/**
 * A table that becomes a list of cards on a narrow screen. The roles are written out, because browsers forget them
 * when cells are laid out as blocks.
 * @param {string} name what the table is called
 * @param {readonly {text: string, number?: boolean}[]} columns
 * @param {readonly (readonly (Node | string | (Node | string | null)[])[])[]} rows cells in the order of the columns
 */
export function dataTable(name, columns, rows) {
  const head = columns.map(({ text, number }) =>
    h('th', { scope: 'col', role: 'columnheader', class: number && 'number' }, text),
  );
  return h(
    'table',
    { role: 'table', 'aria-label': name },
    h('thead', { role: 'rowgroup' }, h('tr', { role: 'row' }, ...head)),
    h('tbody', { role: 'rowgroup' }, ...rows.map((cells) => row(columns, cells))),
  );
}

function row(columns, cells) {
  return h(
    'tr',
    { role: 'row' },
    ...cells.map((content, index) => {
      const { text, number } = columns[index];
      return h(
        'td',
        { role: 'cell', class: number && 'number', 'data-column': text },
        h('div', {}, ...[content].flat()),
      );
    }),
  );
}
