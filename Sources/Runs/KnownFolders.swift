/// Folders of an earlier look that need no listing while their names stay as they are.
struct KnownFolders: Sendable {
  /// In the order of their folders.
  let rows: [RunSummary]

  /// Where the rows of this folder and of those behind it begin.
  func start(_ folder: String) -> Int {
    var (low, high) = (0, rows.count)
    while low < high {
      let middle = (low + high) / 2
      if rows[middle].folder < folder { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// The run of a folder that is as it was.
  ///
  /// - Parameters:
  ///   - name: of the folder, in `parent`.
  ///   - row: where the folders before this one end; moves on.
  /// - Returns: nil for a folder that has to be listed.
  func run(_ folder: String, name: String, in parent: borrowing OpenFolder, from row: inout Int) -> FoundRun? {
    while row < rows.count, rows[row].folder < folder { row += 1 }
    guard row < rows.count, rows[row].folder == folder, !rows[row].place.stamp.isEmpty,
      let file = rows[row].files.first, LogStamp(name, in: parent, isFolder: true)?.text == rows[row].place.stamp
    else { return nil }
    return FoundRun(
      kind: rows[row].kind, folder: rows[row].folder, files: rows[row].files, names: rows[row].place.names,
      place: rows[row].place, stamp: LogStamp(name + "/" + file, in: parent, isFolder: false))
  }
}
