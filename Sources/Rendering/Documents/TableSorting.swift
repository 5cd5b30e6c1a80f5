/// The script that sorts a page's tables on a click. Without it the page reads the same.
enum TableSorting {
  /// Clicks sort ascending, descending, then restore the order. Numbers sort by value, text by the numbers in it, undefined
  /// entries last.
  static let script = """
    (function () {
      "use strict";
      var next = { none: "ascending", ascending: "descending", descending: "none" };
      function key(row, index) {
        var cell = row.cells[index];
        if (!cell || cell.classList.contains("null")) { return null; }
        var text = cell.getAttribute("data-value");
        if (text === null) { return cell.textContent; }
        if (text === "inf" || text === "-inf") { return text === "inf" ? Infinity : -Infinity; }
        var number = Number(text);
        return isNaN(number) ? null : number;
      }
      function compare(a, b) {
        if (typeof a === "number" && typeof b === "number") { return a < b ? -1 : a > b ? 1 : 0; }
        return String(a).localeCompare(String(b), "en", { numeric: true });
      }
      Array.prototype.forEach.call(document.querySelectorAll(".output table"), function (table) {
        var body = table.tBodies[0];
        if (!body || !table.tHead) { return; }
        var original = Array.prototype.slice.call(body.rows);
        var heads = Array.prototype.slice.call(table.tHead.rows[0].cells);
        heads.forEach(function (head, index) {
          var button = document.createElement("button");
          button.type = "button";
          button.title = "sort by this column";
          while (head.firstChild) { button.appendChild(head.firstChild); }
          head.appendChild(button);
          head.setAttribute("aria-sort", "none");
          button.addEventListener("click", function () {
            var order = next[head.getAttribute("aria-sort")];
            heads.forEach(function (other) { other.setAttribute("aria-sort", "none"); });
            head.setAttribute("aria-sort", order);
            var rows = original.map(function (row, place) {
              return { row: row, place: place, key: key(row, index) };
            });
            if (order !== "none") {
              var sign = order === "ascending" ? 1 : -1;
              rows.sort(function (a, b) {
                if (a.key === null || b.key === null) {
                  return (a.key === null) - (b.key === null) || a.place - b.place;
                }
                return sign * compare(a.key, b.key) || a.place - b.place;
              });
            }
            rows.forEach(function (entry) { body.appendChild(entry.row); });
          });
        });
      });
    })();
    """
}
