; What the installer says, in both languages. A page with a picture holds about twelve lines, the top of another one three.

LicenseLangString License ${LANG_ENGLISH} "${LICENSES}/en.txt"
LicenseLangString License ${LANG_INDONESIAN} "${LICENSES}/id.txt"

!macro Text NAME ENGLISH INDONESIAN
  LangString ${NAME} ${LANG_ENGLISH} "${ENGLISH}"
  LangString ${NAME} ${LANG_INDONESIAN} "${INDONESIAN}"
!macroend

!define PARAGRAPH "$\r$\n$\r$\n"

!insertmacro Text Purpose \
  "Backs up the data of e-Faktur desktop" \
  "Mencadangkan data e-Faktur desktop"

!insertmacro Text WelcomeText \
  "${PRODUCT} backs up the data of e-Faktur desktop, keeps it in a safe place, and brings it back.${PARAGRAPH}It is installed for you alone and needs no rights of an administrator.${PARAGRAPH}e-Faktur may stay open meanwhile. So may an older ${PRODUCT}: what it has begun it finishes." \
  "${PRODUCT} membuat cadangan (backup) data e-Faktur desktop, menyimpannya di tempat yang aman, dan memulihkannya.${PARAGRAPH}Program ini dipasang hanya untuk Anda dan tidak memerlukan hak administrator.${PARAGRAPH}e-Faktur boleh tetap terbuka. ${PRODUCT} versi lama yang sedang bekerja juga boleh dibiarkan: pekerjaannya akan diselesaikan."

!insertmacro Text LicenseTitle \
  "License" \
  "Lisensi"
!insertmacro Text LicenseSubtitle \
  "${PRODUCT} is free: you may use it, copy it and give it to others." \
  "${PRODUCT} gratis: Anda boleh memakai, menyalin, dan membagikannya."
!insertmacro Text LicenseBottom \
  "Press I Agree to go on." \
  "Tekan Saya Setuju untuk melanjutkan."

!insertmacro Text FolderTitle \
  "Folder" \
  "Folder"
!insertmacro Text FolderSubtitle \
  "Where the program is put." \
  "Tempat program ini ditaruh."
!insertmacro Text FolderText \
  "The folder below is the usual one. Backups are not kept in it." \
  "Folder di bawah ini yang biasa dipakai. Cadangan tidak disimpan di dalamnya."

!insertmacro Text InstallingTitle \
  "Installing" \
  "Sedang memasang"
!insertmacro Text InstallingSubtitle \
  "This takes some seconds." \
  "Beberapa detik saja."
!insertmacro Text InstalledTitle \
  "${PRODUCT} is installed" \
  "${PRODUCT} sudah terpasang"
!insertmacro Text InstalledText \
  "You find it in the Start menu as ${PRODUCT}.${PARAGRAPH}In a Command Prompt that you open from now on its command is efaktur-cloud." \
  "Program ini ada di menu Start dengan nama ${PRODUCT}.${PARAGRAPH}Di jendela Command Prompt yang dibuka mulai sekarang, perintahnya efaktur-cloud."
!insertmacro Text RunText \
  "&Start ${PRODUCT} now" \
  "&Jalankan ${PRODUCT} sekarang"

!insertmacro Text NotInstalledTitle \
  "${PRODUCT} is not installed" \
  "${PRODUCT} tidak terpasang"
!insertmacro Text AbortQuestion \
  "Leave without installing ${PRODUCT}?" \
  "Keluar tanpa memasang ${PRODUCT}?"
!insertmacro Text OldWindows \
  "${PRODUCT} needs Windows 10 or newer." \
  "${PRODUCT} memerlukan Windows 10 atau yang lebih baru."
!insertmacro Text AlreadyRuns \
  "${PRODUCT} is being installed already. Look for its window in the taskbar." \
  "${PRODUCT} sudah sedang dipasang. Cari jendelanya di bilah tugas (taskbar)."
!insertmacro Text CannotWrite \
  "The folder $INSTDIR cannot be written. Choose another one, or leave it as it was proposed." \
  "Folder $INSTDIR tidak dapat ditulisi. Pilih folder lain, atau pakai folder yang diusulkan."
!insertmacro Text CannotReplace \
  "$0 cannot be replaced: another program holds it. The older ${PRODUCT} is still there. Close other programs or restart Windows, then install again." \
  "$0 tidak dapat diganti karena sedang dipakai program lain. ${PRODUCT} versi lama masih ada. Tutup program lain atau mulai ulang Windows, lalu pasang lagi."
!insertmacro Text PathFull \
  "${PRODUCT} is installed, but your PATH is too long to take one more folder. Start it from the Start menu, or type $INSTDIR\efaktur-cloud.exe" \
  "${PRODUCT} sudah terpasang, tetapi PATH Anda terlalu panjang untuk ditambah satu folder lagi. Jalankan dari menu Start, atau ketik $INSTDIR\efaktur-cloud.exe"

!insertmacro Text RemoveTitle \
  "Uninstall ${PRODUCT}" \
  "Hapus ${PRODUCT}"
!insertmacro Text RemoveText \
  "The program and its scheduled task are removed, so that nothing is backed up any more.${PARAGRAPH}Your settings, the record and all backups stay." \
  "Program dan jadwalnya dihapus, jadi tidak ada lagi yang dicadangkan.${PARAGRAPH}Pengaturan Anda, catatan, dan semua cadangan tetap ada."
!insertmacro Text RemovingTitle \
  "Removing" \
  "Sedang menghapus"
!insertmacro Text RemovedTitle \
  "${PRODUCT} is removed" \
  "${PRODUCT} sudah dihapus"
!insertmacro Text RemovedText \
  "What stays: your settings in $APPDATA\efaktur-cloud, the record in $LOCALAPPDATA\efaktur-cloud, and all backups wherever they are kept.${PARAGRAPH}When you install ${PRODUCT} again, it goes on with them. Then set up the schedule again." \
  "Yang tetap ada: pengaturan Anda di $APPDATA\efaktur-cloud, catatan di $LOCALAPPDATA\efaktur-cloud, dan semua cadangan di tempatnya.${PARAGRAPH}Bila ${PRODUCT} dipasang lagi, semuanya dipakai kembali. Jadwalnya perlu dibuat lagi."
!insertmacro Text TaskStays \
  "The task $\"${TASK}$\" could not be deleted. Delete it in the Task Scheduler: the program it starts is removed." \
  "Tugas $\"${TASK}$\" tidak dapat dihapus. Hapus di Penjadwal Tugas (Task Scheduler): program yang dijalankannya sudah tidak ada."
