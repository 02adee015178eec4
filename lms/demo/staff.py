"""The 120 people of the demo city: who works where, as what. All names are invented."""

from lms.accounts.rules import Employment
from lms.demo.city import HEAD

_PNS, _PPPK = Employment.PNS, Employment.PPPK
_M, _F = 1, 2  # as the fifteenth digit of a NIP says it

# By unit: position (HEAD: the unit's own head), sex, employment, name. DPUPR is led by an acting
# head (`people.ACTING_HEAD`), and the head's post of TIMUR.MELATI is vacant.
STAFF: dict[str, tuple[tuple[str, int, Employment, str], ...]] = {
    "SETDA": (
        (HEAD, _M, _PNS, "Dr. Ir. Hendarto Wibisana Prasetya, M.Si."),
        ("ANALIS-KEBIJAKAN.AHLI_UTAMA", _M, _PNS, "Dr. Gunadi Surya Atmaja, M.P.P."),
    ),
    "SETDA.ORGANISASI": (
        (HEAD, _F, _PNS, "Ratna Ayu Puspitaningrum, S.STP., M.AP."),
        ("ANALIS-KEBIJAKAN.AHLI_PERTAMA", _M, _PNS, "Rangga Aditya Permana, S.AP."),
        ("ANALIS-KEBIJAKAN.AHLI_MUDA", _F, _PNS, "Desy Natalia Sihombing, S.Sos."),
        ("PENGADMINISTRASI", _F, _PNS, "Maimunah"),
        ("PENATA", _M, _PPPK, "Ferdinandus Seran, S.AP."),
    ),
    "SETDA.HUKUM": (
        (HEAD, _M, _PNS, "Marolop Hutagaol, S.H., M.H."),
        ("PERANCANG.AHLI_MUDA", _F, _PNS, "Yosephine Wattimena, S.H."),
        ("PERANCANG.AHLI_PERTAMA", _M, _PPPK, "Ilham Maulana Harahap, S.H."),
        ("ARSIPARIS.MAHIR", _F, _PNS, "Supriyatin"),
    ),
    "SETDA.UMUM": (
        (HEAD, _M, _PNS, "Dewa Gede Raka Suteja, S.E."),
        ("UMUM", _M, _PNS, "Suparman"),
        ("OPERATOR", _M, _PPPK, "Kadek Dwi Artha Wiguna"),
        ("ARSIPARIS.TERAMPIL", _F, _PNS, "Nurhasanah Pulungan, A.Md."),
    ),
    "BKPSDM": ((HEAD, _F, _PNS, "Dra. Hj. Nurlaila Zubaidah, M.M."),),
    "BKPSDM.SEKRETARIAT": (
        (HEAD, _M, _PNS, "Parlindungan Daulay, S.Sos., M.Si."),
        ("PERENCANA.AHLI_PERTAMA", _F, _PNS, "Tri Wahyu Ningsih, S.E."),
        ("ARSIPARIS.TERAMPIL", _M, _PPPK, "Jhonson Sitorus, A.Md."),
        ("PENGADMINISTRASI", _M, _PNS, "Zulkifli Chaniago"),
    ),
    "BKPSDM.KOMPETENSI": (
        (HEAD, _F, _PNS, "Endang Sri Wahyuningsih, S.Psi., M.M."),
        ("WIDYAISWARA.AHLI_MADYA", _F, _PNS, "Widya Kusumastuti, S.Pd., M.Si."),
        ("WIDYAISWARA.AHLI_MUDA", _M, _PNS, "Dr. Antonius Bria Leto, M.Pd."),
        ("ANALIS-SDM.AHLI_MUDA", _F, _PNS, "Dian Permata Hapsari, S.Psi."),
        ("ASESOR.AHLI_PERTAMA", _M, _PPPK, "Galih Wisnu Saputra, S.Psi."),
        ("PRANATA-SDM.TERAMPIL", _F, _PNS, "Melati Kusumadewi, A.Md."),
        ("PENATA", _F, _PPPK, "Regina Tiara Mambrasar, S.Kom."),
    ),
    "BKPSDM.MUTASI": (
        (HEAD, _F, _PNS, "Andi Tenriawaru Baso, S.IP., M.Si."),
        ("ANALIS-SDM.AHLI_PERTAMA", _M, _PNS, "Arif Budi Santosa, S.H."),
        ("ANALIS-SDM.AHLI_PERTAMA", _F, _PPPK, "Rosmala Dewi Nasution, S.AP."),
        ("PRANATA-SDM.MAHIR", _M, _PNS, "Sugiyarto"),
        ("PENGELOLA", _M, _PPPK, "Vinsensius Bayu Lejau, A.Md."),
    ),
    "DISKOMINFO": ((HEAD, _M, _PNS, "Ir. Yusran Hakim Lubis, M.Kom."),),
    "DISKOMINFO.SEKRETARIAT": (
        (HEAD, _M, _PNS, "Kiagus Ahmad Fadhil, S.E., M.Si."),
        ("PERENCANA.AHLI_MUDA", _F, _PNS, "Ayu Kartika Sari Batubara, S.E."),
        ("PENGADMINISTRASI", _M, _PNS, "Hendri Saputra Piliang"),
        ("ARSIPARIS.TERAMPIL", _F, _PPPK, "Sri Lestari Ningrum, A.Md."),
    ),
    "DISKOMINFO.APLIKASI": (
        (HEAD, _M, _PNS, "Bambang Setyo Nugroho, S.Kom., M.T."),
        ("PENGELOLA", _F, _PNS, "Siti Rahmawati"),
        (
            "PRAKOM.AHLI_MUDA",
            _M,
            _PNS,
            "Fransiskus Xaverius Tri Hatmoko Adiwibowo Kusumonegoro, S.Kom., M.Eng.",
        ),
        ("PRAKOM.AHLI_PERTAMA", _M, _PNS, "I Putu Gede Aryawan, S.Kom."),
        ("PRAKOM.AHLI_PERTAMA", _F, _PPPK, "Andi Besse Mappatoba, S.Kom."),
        ("PRAKOM.TERAMPIL", _M, _PNS, "Rahmat Hidayatullah Siregar, A.Md."),
        ("MANGGALA.AHLI_PERTAMA", _M, _PPPK, "Kevin Surya Halim, S.SI."),
        ("PRAKOM.PENYELIA", _F, _PNS, "Sulastri"),
    ),
    "DISKOMINFO.APLIKASI.RANCANG": (
        (HEAD, _F, _PNS, "Ni Made Ayu Lestarini, S.Kom."),
        ("PRAKOM.AHLI_MUDA", _M, _PNS, "Tunggul Manurung, S.T."),
        ("PRAKOM.AHLI_PERTAMA", _M, _PNS, "Muhammad Rizky Alfarisi, S.Kom."),
        ("PRAKOM.AHLI_PERTAMA", _F, _PPPK, "Debora Yarangga, S.Kom."),
        ("PRAKOM.TERAMPIL", _F, _PPPK, "Neneng Hasanah Fauziyah, A.Md.Kom."),
        ("PRAKOM.MAHIR", _F, _PNS, "Wening Galih Pratiwi, A.Md."),
        ("OPERATOR", _M, _PPPK, "Masagus Akbar Ramadhan"),
    ),
    "DISKOMINFO.INFRASTRUKTUR": (
        (HEAD, _M, _PNS, "Roberthus Kambu, S.T., M.Eng."),
        ("PRAKOM.AHLI_MUDA", _M, _PNS, "Rizaldi Fadhlan Ginting, S.Kom."),
        ("SANDIMAN.AHLI_PERTAMA", _M, _PPPK, "Oktovianus Warinussy, S.T."),
        ("SANDIMAN.TERAMPIL", _F, _PNS, "Lidya Cahyaningtyas, A.Md."),
    ),
    "DISKOMINFO.KOMUNIKASI": (
        (HEAD, _F, _PNS, "Meiliana Tanuwijaya, S.I.Kom."),
        ("HUMAS.AHLI_MUDA", _F, _PNS, "Elvira Rosa Tanjung, S.I.Kom."),
        ("HUMAS.AHLI_PERTAMA", _M, _PPPK, "Bagas Tirta Wicaksana, S.I.Kom."),
        ("HUMAS.TERAMPIL", _M, _PPPK, "Stevanus Pangkey, A.Md."),
    ),
    "DISDUKCAPIL": ((HEAD, _M, _PNS, "Drs. Asep Ruhimat Sanjaya, M.Si."),),
    "DISDUKCAPIL.PENDAFTARAN": (
        (HEAD, _F, _PNS, "Lince Rumbiak, S.Sos."),
        ("ADB.AHLI_MUDA", _M, _PNS, "Teguh Prasetyo Utomo, S.Kom."),
        ("OPERATOR", _F, _PPPK, "Nia Kurniawati Sopandi"),
        ("PENGELOLA", _M, _PNS, "Herlambang"),
    ),
    "DISDUKCAPIL.PENDAFTARAN.KTP": (
        (HEAD, _F, _PNS, "Wulan Sari Handayani, S.AP."),
        ("SIAK.TERAMPIL", _F, _PPPK, "Katarina Nona Making, A.Md."),
        ("SIAK.MAHIR", _M, _PNS, "Abdul Rauf Mattola, A.Md."),
        ("PENGELOLA", _M, _PPPK, "Baringin Tamba, A.Md."),
    ),
    "DISDUKCAPIL.CATATAN": (
        (HEAD, _M, _PNS, "Syafruddin Koto, S.H."),
        ("ADB.AHLI_PERTAMA", _F, _PNS, "Yuniarti Puspa Dewi, S.H."),
        ("PENATA", _M, _PPPK, "Lukas Erari, S.AP."),
    ),
    "DINKES": ((HEAD, _F, _PNS, "dr. Maria Goreti Tampubolon, M.Kes."),),
    "DINKES.KESMAS": (
        (HEAD, _F, _PNS, "Tjokorda Istri Agung Pradnyani, S.K.M., M.Kes."),
        ("ADMINKES.AHLI_MUDA", _F, _PNS, "Winarsih Budi Utami, S.K.M."),
        ("PROMKES.AHLI_PERTAMA", _M, _PPPK, "Rony Parulian Sinaga, S.K.M."),
        ("NUTRISIONIS.AHLI_PERTAMA", _F, _PPPK, "Sitti Hajrah Paturusi, S.Gz."),
    ),
    "DINKES.PUSKESMAS": (
        (HEAD, _F, _PNS, "drg. Fitri Handayani Rangkuti"),
        ("DOKTER.AHLI_MADYA", _F, _PNS, "dr. Stefani Liana Oentoro"),
        ("DOKTER.AHLI_PERTAMA", _M, _PPPK, "dr. Yusuf Iskandar Rumagia"),
        ("PERAWAT.AHLI_MUDA", _F, _PNS, "Ns. Ketut Sudarmini, S.Kep."),
        ("PERAWAT.TERAMPIL", _F, _PPPK, "Esterlina Yoku, A.Md.Kep."),
        ("BIDAN.PENYELIA", _F, _PNS, "Siti Maryamah, A.Md.Keb."),
        ("BIDAN.MAHIR", _F, _PNS, "Rini Anggraeni, A.Md.Keb."),
        ("BIDAN.TERAMPIL", _F, _PPPK, "Apriliani Tukan, A.Md.Keb."),
        ("UMUM", _M, _PNS, "Wagiyo"),
    ),
    "DPMPTSP": ((HEAD, _F, _PNS, "Ir. Hj. Nyimas Rohana, M.T."),),
    "DPMPTSP.PERIZINAN": (
        (HEAD, _M, _PNS, "Yulius Tarung Dehen, S.E."),
        ("PERIZINAN.AHLI_MUDA", _M, _PNS, "Sahala Gultom, S.H."),
        ("PERIZINAN.AHLI_PERTAMA", _F, _PPPK, "Amelia Gunawan Tedja, S.E."),
        ("PENATA", _F, _PPPK, "Raden Ayu Fatimah Zahra, S.E."),
        ("PENGELOLA", _F, _PNS, "Riyanti"),
    ),
    "DPMPTSP.MODAL": (
        (HEAD, _M, _PNS, "Teuku Rizal Fahmi, S.E., M.M."),
        ("PENANAMAN-MODAL.AHLI_MUDA", _F, _PNS, "Nurul Izzati Barlian, S.E."),
        ("PENANAMAN-MODAL.AHLI_PERTAMA", _M, _PPPK, "Ivan Kristanto Liem, S.E."),
    ),
    "DPUPR.BINAMARGA": (
        (HEAD, _M, _PNS, "Saut Pardamean Simanungkalit, S.T., M.T."),
        ("JALAN.AHLI_MUDA", _M, _PNS, "Arung Pasolong, S.T."),
        ("JALAN.AHLI_PERTAMA", _M, _PPPK, "Bintang Mahesa Putra, S.T."),
        ("OPERATOR", _M, _PNS, "Katimin"),
    ),
    "DPUPR.CIPTAKARYA": (
        (HEAD, _F, _PNS, "Baiq Nurhayati, S.T."),
        ("TATA-BANGUNAN.AHLI_MUDA", _M, _PNS, "Iwan Gunawan Suryadilaga, S.T."),
        ("TATA-BANGUNAN.AHLI_PERTAMA", _F, _PPPK, "Theresia Sintani Ngabe, S.T."),
        ("PENGADMINISTRASI", _F, _PNS, "Nurmala Pasaribu"),
    ),
    "INSPEKTORAT": (
        (HEAD, _M, _PNS, "Muhammad Arsyad Daeng Tanete, S.E., M.Ak."),
        ("AUDITOR.AHLI_PERTAMA", _F, _PPPK, "Siti Khadijah Mokoagow, S.E."),
    ),
    "INSPEKTORAT.WILAYAH1": (
        (HEAD, _F, _PNS, "Retno Palupi Hastuti, S.E., M.Ak."),
        ("AUDITOR.AHLI_MADYA", _F, _PNS, "Laksmi Wardhani Purnomo, S.E., Ak."),
        ("AUDITOR.AHLI_MUDA", _M, _PNS, "Daniel Pardede, S.E."),
        ("AUDITOR.AHLI_PERTAMA", _F, _PNS, "Gusti Ayu Mirah Sukmadewi, S.Ak."),
    ),
    "TIMUR": (
        (HEAD, _M, _PNS, "Lalu Wiratmaja, S.STP., M.Si."),
        ("PENGADMINISTRASI", _F, _PNS, "Rahimah Marzuki"),
        ("PENATA", _M, _PPPK, "Alfonsus Kopong Boro, S.AP."),
    ),
    "TIMUR.TRANTIB": (
        (HEAD, _M, _PNS, "Yakobus Ledo Wea, S.IP."),
        ("POLPP.PEMULA", _M, _PNS, "Yudha Adi Pangestu"),
        ("POLPP.TERAMPIL", _M, _PNS, "Johanis Tuhumury, A.Md."),
    ),
    "TIMUR.KENANGA": (
        (HEAD, _F, _PNS, "Euis Kurniasih, S.Sos."),
        ("PENGADMINISTRASI", _F, _PNS, "Painem"),
        ("PENATA", _F, _PPPK, "Martina Wenda, S.Sos."),
    ),
    "TIMUR.MELATI": (
        ("PENELAAH", _F, _PNS, "Sri Wahyuni Simatupang, S.Sos."),
        ("OPERATOR", _M, _PPPK, "Udin Saefudin"),
    ),
}
