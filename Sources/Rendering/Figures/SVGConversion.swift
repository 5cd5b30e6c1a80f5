import Base
import Foundation
import Jobs

/// Turns vcsh's SVG drawings into PNG and PDF files, by librsvg's `rsvg-convert`.
public struct SVGConversion {
  package enum Format: String, CaseIterable {
    case png, pdf

    /// What every file of the format begins with.
    var beginning: [UInt8] {
      switch self {
      case .png: [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]
      case .pdf: Array("%PDF".utf8)
      }
    }
  }

  private static let name = "rsvg-convert"
  private static let remedy = "apt-get install librsvg2-bin fonts-dejavu-core"
  /// Pixels of a PNG for each unit of the drawing: sharp on dense screens, and 300 dots per inch at a width of 11 cm.
  package static let pixelsPerUnit = 2

  public static var isAvailable: Bool { ExternalProgram.path(of: name) != nil }

  private let program: ExternalProgram

  /// - Parameter path: of the program; the one on PATH where nil.
  /// - Throws: `Failure` that names the package where the program is missing.
  package init(path: String? = nil) throws {
    program = try ExternalProgram(path ?? Self.name, remedy: Self.remedy)
  }

  /// Writes a drawing to a file, completely or not at all. The same drawing gives the same file.
  ///
  /// - Parameters:
  ///   - path: of a file in a folder that exists.
  ///   - pixels: of a PNG for each unit of the drawing.
  /// - Throws: `Failure` where the program fails or the file can't be written; `Failure.interrupted` once the command that
  ///   asks for it is interrupted.
  package func write(_ svg: String, as format: Format, to path: String, pixels: Int = pixelsPerUnit) throws {
    let folder = URL(filePath: path).deletingLastPathComponent()
    let drawn = folder.appending(path: ".vcsh-\(UUID().uuidString).\(format.rawValue)")
    defer { try? FileManager.default.removeItem(at: drawn) }
    var environment = ProcessInfo.processInfo.environment
    environment["LC_ALL"] = "C.UTF-8"
    // The program takes the date inside a PDF from here.
    environment["SOURCE_DATE_EPOCH"] = "0"
    let scale = format == .png ? ["--zoom", String(pixels)] : []
    let result = try program.run(
      ["--unlimited", "--format", format.rawValue] + scale + ["--output", drawn.path], environment: environment,
      input: Data(svg.utf8))
    if let complaint = Self.complaint(result, file: drawn, format) {
      throw Failure(.system, "\(path): \(program.name) could not draw it: \(complaint)")
    }
    try AtomicFile.move(drawn.path, to: path)
  }

  /// What went wrong, in one line; nil where the file is there and of the format.
  private static func complaint(_ result: ProgramResult, file: URL, _ format: Format) -> String? {
    guard result.isSuccess else {
      let lines = result.errors.text.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
      return lines.first { !$0.isEmpty } ?? result.ending
    }
    guard let handle = try? FileHandle(forReadingFrom: file) else { return "it wrote no file" }
    defer { try? handle.close() }
    let beginning = (try? handle.read(upToCount: format.beginning.count)) ?? Data()
    return Array(beginning) == format.beginning ? nil : "what it wrote is no \(format.rawValue.uppercased()) file"
  }
}
