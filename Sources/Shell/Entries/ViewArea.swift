/// A place on a screen where the view of a running entry is drawn and replaced.
package protocol ViewArea: AnyObject {
  /// Draws a view in place of the one before it, unless that one was drawn a moment ago.
  ///
  /// - Parameter text: the view's text for a number of columns; asked for only where it is drawn.
  func draw(_ text: (_ columns: Int) -> String)
  /// Takes the view away.
  func clear()
}
