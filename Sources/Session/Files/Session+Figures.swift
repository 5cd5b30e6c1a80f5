import Base
import Language
import Rendering

extension Session {
  /// Draws `figures` into the file that the call names with `--figure`; does nothing where it names none.
  package func draw(_ figures: [Figure], for call: Call) throws {
    guard let file = try call.optionalString("figure") else { return }
    let path = try output(file)
    try FigureFile.write(figures, to: path)
    try wrote(path)
  }
}
