import Foundation
import TestSupport
import Testing

/// Holds the house of DESIGN: who may import whom, and that the registries list their folders.
@Suite("The house")
struct StructureTests {
  static let sources = URL(filePath: Fixtures.root).deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Sources")

  /// What each target may import of ours.
  static let allowed: [String: Set<String>] = [
    "Base": ["CCrypto"],
    "Kernels": ["Base", "CKernels", "COpenBLAS"],
    "Formats": ["Base", "CZlib"],
    "Inspection": ["Base", "Formats"],
    "Recordings": ["Base", "Formats"],
    "Layers": ["Base", "Formats", "Kernels"],
    "Twin": ["Base", "Formats", "Kernels", "Layers"],
    "Metrics": ["Base", "Kernels"],
    "Fitting": ["Base", "Kernels", "Layers", "Metrics", "Twin"],
    "Training": ["Base", "Fitting", "Formats", "Kernels", "Layers", "Metrics", "Twin"],
    "Analysis": ["Base", "Fitting", "Formats", "Kernels", "Layers", "Metrics", "Recordings", "Training", "Twin"],
    "RunLogs": ["Base", "Formats"],
    "Runs": ["Base", "CFolders", "Formats", "Kernels", "Metrics", "RunLogs"],
    "Jobs": ["Base", "CSpawn"],
    "Grids": ["Base", "Formats", "Jobs", "Metrics", "RunLogs", "Runs", "Twin"],
    "Workspace": ["Base", "CPreupdate"],
    "Patterns": ["Base"],
    "Language": ["Base", "Patterns"],
    "Rendering": ["Base", "Jobs"],
    "Session": [
      "Analysis", "Base", "Fitting", "Formats", "Grids", "Language", "Layers", "Metrics", "Recordings", "Rendering",
      "RunLogs", "Runs", "Training", "Twin", "Workspace",
    ],
    "Help": ["Base", "Language", "Metrics", "Session"],
    "WorkspaceCommands": [
      "Base", "Formats", "Help", "Inspection", "Language", "Metrics", "Rendering", "Session", "Twin", "Workspace",
    ],
    "TrainingCommands": [
      "Analysis", "Base", "Formats", "Jobs", "Language", "Metrics", "RunLogs", "Runs", "Session", "Training", "Twin",
      "Workspace",
    ],
    "GridCommands": ["Base", "Formats", "Grids", "Jobs", "Language", "Session", "Workspace"],
    "Commands": [
      "Analysis", "Base", "Fitting", "Formats", "GridCommands", "Language", "Layers", "Metrics", "Recordings",
      "Rendering", "Runs", "Session", "Training", "TrainingCommands", "Twin", "Workspace", "WorkspaceCommands",
    ],
    "Shell": ["Base", "Formats", "Help", "Language", "Metrics", "Recordings", "Rendering", "Session", "Workspace"],
    "Terminal": ["Base", "CReadline", "Language", "Rendering", "Session", "Shell", "Workspace"],
    "Serving": ["Base", "Language", "Rendering", "Session", "Shell", "Workspace"],
    "vcsh": [
      "Base", "Commands", "Grids", "Help", "Language", "Rendering", "Serving", "Session", "Shell", "Terminal",
      "Workspace",
    ],
  ]

  static func swiftFiles(in folder: URL) -> [URL] {
    (FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)?.allObjects as? [URL] ?? [])
      .filter { $0.pathExtension == "swift" }
  }

  @Test("Imports point one way", arguments: allowed.keys.sorted())
  func imports(target: String) throws {
    let ours = Set(Self.allowed.keys).union([
      "CCrypto", "CKernels", "COpenBLAS", "CPreupdate", "CZlib", "CFolders", "CReadline", "CSpawn",
    ])
    let files = Self.swiftFiles(in: Self.sources.appending(path: target))
    #expect(!files.isEmpty)
    for file in files {
      for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") where line.contains("import ") {
        let words = line.split(separator: " ")
        guard let position = words.firstIndex(of: "import"),
          words[..<position].allSatisfy({ $0.hasPrefix("@") || $0 == "public" }),
          let name = words.last.map(String.init), ours.contains(name)
        else { continue }
        #expect(Self.allowed[target]?.contains(name) == true, "\(file.lastPathComponent) of \(target) imports \(name)")
      }
    }
  }

  @Test(
    "SQL is in Workspace alone, escape codes in Rendering alone, exit in vcsh alone",
    arguments: [
      ("GRDB", "Workspace"), ("\\u{1b}", "Rendering"), ("exit(", "vcsh"),
    ])
  func oneHome(text: String, home: String) throws {
    var isAtHome = false
    for file in Self.swiftFiles(in: Self.sources) {
      let code = try String(contentsOf: file, encoding: .utf8).split(separator: "\n").filter { !$0.contains("//") }
      let isThere = code.contains { $0.contains(text) }
      if file.path.contains("/Sources/\(home)/") {
        isAtHome = isAtHome || isThere
      } else {
        #expect(!isThere, "\(file.lastPathComponent) has \(text)")
      }
    }
    #expect(isAtHome)
  }

  @Test("Every command's file is in the list of its room, and the other way round")
  func allCommands() throws {
    var listed: [String] = []
    var declared: [String] = []
    for room in ["Commands", "GridCommands", "TrainingCommands", "WorkspaceCommands"] {
      for file in Self.swiftFiles(in: Self.sources.appending(path: room)) {
        let text = try String(contentsOf: file, encoding: .utf8)
        declared += text.matches(of: /\nstruct ([A-Za-z]+): (?:Table)?Command \{/).map { String($0.1) }
        if text.contains("[any Command.Type]") {
          listed += text.matches(of: /([A-Za-z]+Command)\.self/).map { String($0.1) }
        }
      }
    }
    #expect(!listed.isEmpty)
    #expect(listed.sorted() == declared.sorted())
  }

  @Test("Every folder of tests is a target of the package, so that its tests run")
  func testTargets() throws {
    let root = Self.sources.deletingLastPathComponent()
    let manifest = try String(contentsOf: root.appending(path: "Package.swift"), encoding: .utf8)
    let folders = try FileManager.default.contentsOfDirectory(atPath: root.appending(path: "Tests").path)
      .filter { $0.hasSuffix("Tests") }
    #expect(folders.count > 10)
    for folder in folders { #expect(manifest.contains("\"\(folder)\""), "\(folder) is not in Package.swift") }
  }

  @Test("Every kind of object that has a file is in AllKinds, and the other way round")
  func allKinds() throws {
    let folder = Self.sources.appending(path: "Session/Kinds")
    let registry = try String(contentsOf: folder.appending(path: "AllKinds.swift"), encoding: .utf8)
    let listed = registry.matches(of: /\n\s{4}([A-Za-z]+)\.self,/).map { String($0.1) }
    var declared: Set<String> = []
    for file in Self.swiftFiles(in: Self.sources.appending(path: "Session")) {
      let text = try String(contentsOf: file, encoding: .utf8)
      let kinds = text.matches(of: /\n(?:package )?(?:struct|extension) ([A-Za-z]+): ObjectKind \{/)
        .map { String($0.1) }
      if !kinds.isEmpty { #expect(kinds.count == 1 && file.lastPathComponent.hasSuffix("Kind.swift")) }
      declared.formUnion(kinds)
    }
    #expect(Set(listed) == declared)
    #expect(listed.count == declared.count && !listed.isEmpty)
  }
}
