import Base
import Foundation
import Jobs

/// Figures in files, drawn by gnuplot where it is installed.
public enum GnuplotFigure {
  public static var isAvailable: Bool { ExternalProgram.path(of: "gnuplot") != nil }

  /// Writes `figures` to an `.svg`, `.png` or `.pdf` file of fixed size; several form a grid.
  ///
  /// The file is written completely or not at all. The same figures give the same file.
  /// - Throws: `Failure` for another extension, without gnuplot, where the file can't be written, or once the command
  ///   that asks for it is interrupted.
  public static func write(_ figures: [Figure], to path: String) throws {
    let target = URL(filePath: path)
    guard let format = GnuplotScript.Format(rawValue: target.pathExtension.lowercased()) else {
      throw Failure(
        .usage, "\(path): unknown figure format", hint: "use a file name that ends in .svg, .png or .pdf")
    }
    let gnuplot = try ExternalProgram("gnuplot", remedy: "apt-get install gnuplot-nox")
    let folder = target.deletingLastPathComponent()
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: folder.path, isDirectory: &isFolder), isFolder.boolValue else {
      throw Failure(.missing, "\(path): there is no folder \(folder.path)", hint: "create it first")
    }

    let mark = UUID().uuidString
    let drawing = ".vcsh-\(mark).\(format.rawValue)"
    let drawn = folder.appending(path: drawing)
    let script = FileManager.default.temporaryDirectory.appending(path: "vcsh-\(mark).gnuplot")
    defer {
      try? FileManager.default.removeItem(at: script)
      try? FileManager.default.removeItem(at: drawn)
    }
    do {
      try Data(GnuplotScript.text(figures, format: format, output: drawing).utf8).write(to: script)
    } catch {
      throw Failure(.system, "\(script.path): can't be written", hint: "is the disk full?")
    }
    if let complaint = try run(gnuplot, script: script, in: folder) {
      throw Failure(.system, "\(path): gnuplot could not draw it: \(complaint)")
    }
    guard rename(drawn.path, path) == 0 else {
      throw Failure(.system, "\(path): \(String(cString: strerror(errno)))")
    }
  }

  /// Runs gnuplot and returns its error message in one line; nil where it succeeded.
  private static func run(_ gnuplot: ExternalProgram, script: URL, in folder: URL) throws -> String? {
    var environment = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("GNU") }
    environment["LC_ALL"] = "C.UTF-8"
    // gnuplot takes the date inside PDF files from here.
    environment["SOURCE_DATE_EPOCH"] = "0"
    // -d: neither the system's nor the user's start-up files change a figure.
    let result = try gnuplot.run(["-d", script.path], environment: environment, folder: folder.path)
    guard !result.isSuccess else { return nil }
    let lines = result.errors.text.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
    return lines.last { !$0.isEmpty && $0 != "^" } ?? result.ending
  }
}
