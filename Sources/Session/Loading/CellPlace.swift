import Base

extension [CellID] {
  /// Where a cell stands among these.
  ///
  /// - Throws: a failure that names the cids that there are.
  package func place(of cid: CellID, in label: String, at span: SourceSpan) throws -> Int {
    guard let place = firstIndex(of: cid) else {
      throw Failure(
        .missing, "\(label) has no cell \(cid)", hint: "its cids are \(self.idRanges)", span: span)
    }
    return place
  }
}
