; The installer of efaktur-cloud for one user of a PC. scripts/windows/installer.ts gives what is named in capitals.

Unicode true
; The stub of 32 bits, which is the default, does nothing where there is no 32-bit subsystem, and says nothing either.
Target amd64-unicode
ManifestSupportedOS Win10
ManifestDPIAware true
RequestExecutionLevel user
CRCCheck force
; A file that cannot be written ends the installation; it is never passed over.
AllowSkipFiles off
; Times of files would differ from build to build.
SetDateSave off
!ifdef UNCOMPRESSED
  SetCompress off
!else
  ; Both programs are the same but for some bytes: the second one is found in a dictionary that holds the first.
  SetCompressor /SOLID lzma
  SetCompressorDictSize 128
!endif

!include MUI2.nsh
!include LogicLib.nsh
!include WinVer.nsh

!define UNINSTALL_KEY "Software\Microsoft\Windows\CurrentVersion\Uninstall\${FOLDER}"
!define LINK "$SMPROGRAMS\${PRODUCT}.lnk"

Name "${PRODUCT}"
Caption "${PRODUCT} ${VERSION}"
BrandingText "${PRODUCT} ${VERSION}"
OutFile "${OUT}"
InstallDir "$LOCALAPPDATA\Programs\${FOLDER}"
InstallDirRegKey HKCU "${UNINSTALL_KEY}" InstallLocation

VIProductVersion "${VERSION_OF_FOUR}"
VIFileVersion "${VERSION_OF_FOUR}"
VIAddVersionKey /LANG=0 ProductName "${PRODUCT}"
VIAddVersionKey /LANG=0 ProductVersion "${VERSION}"
VIAddVersionKey /LANG=0 FileVersion "${VERSION}"
VIAddVersionKey /LANG=0 FileDescription "${PRODUCT}"
VIAddVersionKey /LANG=0 CompanyName "${PUBLISHER}"
VIAddVersionKey /LANG=0 LegalCopyright "MIT License"

!define MUI_ICON "${ICON}"
!define MUI_UNICON "${ICON}"
!define MUI_ABORTWARNING
!define MUI_ABORTWARNING_TEXT "$(AbortQuestion)"

!define MUI_WELCOMEPAGE_TITLE "${PRODUCT} ${VERSION}"
!define MUI_WELCOMEPAGE_TEXT "$(WelcomeText)"
!insertmacro MUI_PAGE_WELCOME
!define MUI_PAGE_HEADER_TEXT "$(LicenseTitle)"
!define MUI_PAGE_HEADER_SUBTEXT "$(LicenseSubtitle)"
!define MUI_LICENSEPAGE_TEXT_TOP " "
!define MUI_LICENSEPAGE_TEXT_BOTTOM "$(LicenseBottom)"
!insertmacro MUI_PAGE_LICENSE "$(License)"
!define MUI_PAGE_CUSTOMFUNCTION_PRE SkipFolder
!define MUI_PAGE_HEADER_TEXT "$(FolderTitle)"
!define MUI_PAGE_HEADER_SUBTEXT "$(FolderSubtitle)"
!define MUI_DIRECTORYPAGE_TEXT_TOP "$(FolderText)"
!insertmacro MUI_PAGE_DIRECTORY
!define MUI_PAGE_HEADER_TEXT "$(InstallingTitle)"
!define MUI_PAGE_HEADER_SUBTEXT "$(InstallingSubtitle)"
!define MUI_INSTFILESPAGE_FINISHHEADER_TEXT "$(InstalledTitle)"
!define MUI_INSTFILESPAGE_FINISHHEADER_SUBTEXT " "
!define MUI_INSTFILESPAGE_ABORTHEADER_TEXT "$(NotInstalledTitle)"
!define MUI_INSTFILESPAGE_ABORTHEADER_SUBTEXT " "
!insertmacro MUI_PAGE_INSTFILES
!define MUI_FINISHPAGE_TITLE "$(InstalledTitle)"
!define MUI_FINISHPAGE_TEXT "$(InstalledText)"
!define MUI_FINISHPAGE_RUN "$INSTDIR\efaktur-cloud.exe"
!define MUI_FINISHPAGE_RUN_TEXT "$(RunText)"
!insertmacro MUI_PAGE_FINISH

!define MUI_PAGE_HEADER_TEXT "$(RemoveTitle)"
!define MUI_PAGE_HEADER_SUBTEXT " "
!define MUI_UNCONFIRMPAGE_TEXT_TOP "$(RemoveText)"
!define MUI_UNCONFIRMPAGE_TEXT_LOCATION "$(FolderTitle):"
!insertmacro MUI_UNPAGE_CONFIRM
!define MUI_PAGE_HEADER_TEXT "$(RemovingTitle)"
!define MUI_PAGE_HEADER_SUBTEXT " "
!define MUI_INSTFILESPAGE_FINISHHEADER_TEXT "$(RemovedTitle)"
!define MUI_INSTFILESPAGE_FINISHHEADER_SUBTEXT " "
!insertmacro MUI_UNPAGE_INSTFILES
!define MUI_FINISHPAGE_TITLE "$(RemovedTitle)"
!define MUI_FINISHPAGE_TEXT "$(RemovedText)"
!insertmacro MUI_UNPAGE_FINISH

!insertmacro MUI_LANGUAGE English
!insertmacro MUI_LANGUAGE Indonesian
!include texts.nsh
!include user-path.nsh

!ifdef SIGN
  !uninstfinalize '${SIGN} "%1"'
!endif

; Indonesian where Windows speaks it or writes its dates in it, as the program decides too; English in all other places.
!macro ChooseLanguage
  StrCpy $LANGUAGE ${LANG_ENGLISH}
  System::Call 'kernel32::GetUserDefaultUILanguage() i .r0'
  System::Call 'kernel32::GetUserDefaultLCID() i .r1'
  IntOp $0 $0 & 0x3FF
  IntOp $1 $1 & 0x3FF
  ${If} $0 = 0x21
  ${OrIf} $1 = 0x21
    StrCpy $LANGUAGE ${LANG_INDONESIAN}
  ${EndIf}
!macroend

; Ends the installation in words; a silent one has exit code 2 alone.
!macro Fail TEXT
  MessageBox MB_OK|MB_ICONSTOP "${TEXT}" /SD IDOK
  Abort "${TEXT}"
!macroend

Function .onInit
  !insertmacro ChooseLanguage
  ${IfNot} ${AtLeastWin10}
    MessageBox MB_OK|MB_ICONSTOP "$(OldWindows)" /SD IDOK
    SetErrorLevel 2
    Quit
  ${EndIf}
  ; Two at a time would write the same files. Windows lets go of the name when this one ends.
  System::Call 'kernel32::CreateMutexW(p 0, i 0, w "Local\${FOLDER}-setup") p .r0 ?e'
  Pop $1
  ${If} $1 = 183 ; ERROR_ALREADY_EXISTS
    MessageBox MB_OK|MB_ICONEXCLAMATION "$(AlreadyRuns)" /SD IDOK
    SetErrorLevel 2
    Quit
  ${EndIf}
FunctionEnd

Function un.onInit
  !insertmacro ChooseLanguage
FunctionEnd

; Where it is installed already it stays: in a second folder the older one would lie on, and come first on the PATH.
Function SkipFolder
  ${If} ${FileExists} "$INSTDIR\uninstall.exe"
    Abort
  ${EndIf}
FunctionEnd

; Makes "$0.new" to "$0". Windows does not overwrite a program that runs, but lets it have another name. Virus scanners hold
; what is new for a moment. $0 stays what it was where this fails.
Function PutInPlace
  ${For} $1 1 20
    ${For} $2 1 99
      Delete "$0.old$2"
      ${IfNot} ${FileExists} "$0.old$2"
        ${Break}
      ${EndIf}
    ${Next}
    Rename "$0" "$0.old$2"
    ClearErrors
    Rename "$0.new" "$0"
    ${IfNot} ${Errors}
      Delete "$0.old*"
      Return
    ${EndIf}
    Rename "$0.old$2" "$0"
    Sleep 250
  ${Next}
  Delete "$INSTDIR\*.exe.new"
  !insertmacro Fail "$(CannotReplace)"
FunctionEnd

Section
  ; Until all of it is done: what NSIS ends by itself, as a disk that is full, would be 0.
  SetErrorLevel 2
  SetOutPath "$INSTDIR"
  ${IfNot} ${FileExists} "$INSTDIR\*.*"
    !insertmacro Fail "$(CannotWrite)"
  ${EndIf}
  ; Both are here in full before the first one takes its place.
  File "/oname=efaktur-cloud.exe.new" "${PROGRAMS}/efaktur-cloud.exe"
  File "/oname=efaktur-cloudw.exe.new" "${PROGRAMS}/efaktur-cloudw.exe"
  File "/oname=LICENSE.txt" "${LICENSES}/en.txt"
  File "${PROGRAMS}/THIRD-PARTY.txt"
  StrCpy $0 "$INSTDIR\efaktur-cloud.exe"
  Call PutInPlace
  StrCpy $0 "$INSTDIR\efaktur-cloudw.exe"
  Call PutInPlace
  WriteUninstaller "$INSTDIR\uninstall.exe"

  WriteRegStr HKCU "${UNINSTALL_KEY}" DisplayName "${PRODUCT}"
  WriteRegStr HKCU "${UNINSTALL_KEY}" DisplayVersion "${VERSION}"
  WriteRegStr HKCU "${UNINSTALL_KEY}" DisplayIcon "$INSTDIR\efaktur-cloud.exe"
  WriteRegStr HKCU "${UNINSTALL_KEY}" Publisher "${PUBLISHER}"
  WriteRegStr HKCU "${UNINSTALL_KEY}" Comments "$(Purpose)"
  WriteRegStr HKCU "${UNINSTALL_KEY}" InstallLocation "$INSTDIR"
  WriteRegStr HKCU "${UNINSTALL_KEY}" UninstallString '"$INSTDIR\uninstall.exe"'
  WriteRegStr HKCU "${UNINSTALL_KEY}" QuietUninstallString '"$INSTDIR\uninstall.exe" /S'
  WriteRegDWORD HKCU "${UNINSTALL_KEY}" EstimatedSize ${SIZE_KB}
  WriteRegDWORD HKCU "${UNINSTALL_KEY}" NoModify 1
  WriteRegDWORD HKCU "${UNINSTALL_KEY}" NoRepair 1

  ; The folder that the program starts in, from the link and from the last page: the program's own could not be removed while
  ; it runs there.
  SetOutPath "$PROFILE"
  CreateShortCut "${LINK}" "$INSTDIR\efaktur-cloud.exe" "" "$INSTDIR\efaktur-cloud.exe" 0 SW_SHOWNORMAL "" "$(Purpose)"

  StrCpy $R0 add
  Call UserPath
  ${If} $R1 == full
    MessageBox MB_OK|MB_ICONINFORMATION "$(PathFull)" /SD IDOK
  ${EndIf}
  SetErrorLevel 0
SectionEnd

; Takes "$INSTDIR\$0" away; one that runs goes where Windows clears up, and ends its work from there.
Function un.RemoveProgram
  Delete "$INSTDIR\$0.old*"
  Delete "$INSTDIR\$0.new"
  Delete "$INSTDIR\$0"
  FindFirst $1 $2 "$INSTDIR\$0*"
  ${DoUntil} $2 == ""
    GetTempFileName $3
    Delete "$3"
    Rename "$INSTDIR\$2" "$3"
    FindNext $1 $2
  ${Loop}
  FindClose $1
FunctionEnd

Section Uninstall
  ; First: it must not start what is being taken away. Where there is none this fails, and nothing is there to be told.
  nsExec::Exec '"$SYSDIR\schtasks.exe" /delete /tn "${TASK}" /f'
  Pop $0
  ${If} $0 != 0
    nsExec::Exec '"$SYSDIR\schtasks.exe" /query /tn "${TASK}"'
    Pop $0
    ${If} $0 == 0
      MessageBox MB_OK|MB_ICONEXCLAMATION "$(TaskStays)" /SD IDOK
    ${EndIf}
  ${EndIf}

  ; In the place of a task where none is taken.
  Delete "$SMSTARTUP\${TASK}.lnk"

  StrCpy $R0 remove
  Call un.UserPath
  Delete "${LINK}"
  SetOutPath "$TEMP"
  StrCpy $0 efaktur-cloud.exe
  Call un.RemoveProgram
  StrCpy $0 efaktur-cloudw.exe
  Call un.RemoveProgram
  Delete "$INSTDIR\LICENSE.txt"
  Delete "$INSTDIR\THIRD-PARTY.txt"
  Delete "$INSTDIR\uninstall.exe"
  ; Only when it is empty: what the user put there stays.
  RMDir "$INSTDIR"
  DeleteRegKey HKCU "${UNINSTALL_KEY}"
SectionEnd
